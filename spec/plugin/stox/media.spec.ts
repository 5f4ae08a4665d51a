import {
    ACT_OF_ACTION,
    ACT_OF_INFO,
    ACTION_OF_SIP,
    COUNTERPART_IN_SIP,
    directionOf,
    fmtpOf,
    heldBy,
    parametersOf,
    redundantAudio,
    sendersOf,
    telephoneEvents,
    type Direction,
    type Senders,
} from '../../../src/plugin/stox/media.js';

describe('draft-ietf-stox-media-07', () => {
    for (const [jingle, sip] of [
        ['initiator', null],
        ['responder', null],
        ['sid', 'the local part of the dialog ID'],
        ['local part of initiator', 'the username in o='],
        ['creator', null],
        ['name', 'a=mid, which is not mandatory'],
    ] as const) {
        it(`table 1: ${jingle} is ${sip ?? 'nothing in SIP'}`, () => {
            expect(COUNTERPART_IN_SIP[jingle]).toBe(sip);
        });
    }

    it('section 5.3: the candidate of raw UDP is the connection address and the port', () => {
        expect(COUNTERPART_IN_SIP['ip of a raw UDP candidate']).toBe('the connection address in c=');
        expect(COUNTERPART_IN_SIP['port of a raw UDP candidate']).toBe('the port in m=');
    });

    const directions: [Senders, Direction][] = [
        ['both', 'sendrecv'],
        ['initiator', 'recvonly'],
        ['responder', 'sendonly'],
        ['none', 'inactive'],
    ];
    for (const [senders, direction] of directions) {
        it(`table 1: senders ${senders} becomes ${direction}, and back`, () => {
            expect(directionOf(senders)).toBe(direction);
            expect(sendersOf(direction)).toBe(senders);
        });
    }

    it('table 1: the two one-way directions are the other way round in the description of the initiator', () => {
        for (const [senders, direction] of [
            ['initiator', 'sendonly'],
            ['responder', 'recvonly'],
            ['both', 'sendrecv'],
            ['none', 'inactive'],
        ] as const) {
            expect(directionOf(senders, 'initiator')).toBe(direction);
            expect(sendersOf(direction, 'initiator')).toBe(senders);
        }
    });

    it('section 5.1: senders that are absent are both', () => {
        expect(directionOf()).toBe('sendrecv');
    });

    const acts = [
        ['content-accept', 'INVITE response'],
        ['content-add', 'INVITE'],
        ['content-modify', 're-INVITE'],
        ['content-reject', null],
        ['content-remove', 'INVITE'],
        ['description-info', null],
        ['security-info', null],
        ['session-accept', 'INVITE response'],
        ['session-initiate', 'INVITE'],
        ['session-terminate', 'BYE'],
        ['transport-accept', null],
        ['transport-info', 'INFO'],
        ['transport-reject', null],
        ['transport-replace', null],
    ] as const;
    for (const [action, act] of acts) {
        it(`table 2: ${action} ${act === null ? 'is unused' : `becomes ${act}`}`, () => {
            expect(ACT_OF_ACTION[action]).toBe(act);
        });
    }

    it('table 2: session-info becomes 180 for ringing', () => {
        expect(ACT_OF_INFO.ringing).toBe('180');
    });

    it('example 2: senders that leave out the initiator become a re-INVITE that is sendonly', () => {
        expect(ACT_OF_ACTION['content-modify']).toBe('re-INVITE');
        expect(directionOf(heldBy('responder'))).toBe('sendonly');
    });

    it('example 3: session-info becomes a re-INVITE that is sendonly for hold', () => {
        expect(ACT_OF_INFO.hold).toBe('re-INVITE');
        expect(directionOf(heldBy('initiator'), 'initiator')).toBe('sendonly');
    });

    it('section 7: where both hold, it is none and inactive', () => {
        expect(heldBy('responder', heldBy('initiator'))).toBe('none');
        expect(directionOf(heldBy('responder', heldBy('initiator')))).toBe('inactive');
        expect(heldBy('initiator', heldBy('initiator'))).toBe('initiator');
    });

    it('examples 4 and 6: session-initiate becomes an INVITE, and back', () => {
        expect(ACT_OF_ACTION['session-initiate']).toBe('INVITE');
        expect(ACTION_OF_SIP.INVITE).toEqual({ action: 'session-initiate' });
    });

    it('examples 7 and 8: 180 becomes session-info with ringing', () => {
        expect(ACTION_OF_SIP['180']).toEqual({ action: 'session-info', info: 'ringing' });
    });

    it('examples 10 and 11: 200 becomes session-accept', () => {
        expect(ACTION_OF_SIP['200']).toEqual({ action: 'session-accept' });
    });

    it('examples 13 and 14: a BYE becomes session-terminate with success', () => {
        expect(ACTION_OF_SIP.BYE).toEqual({ action: 'session-terminate', reason: 'success' });
    });

    it('section 10: telephone-event names its events, 0-15 where the description names none', () => {
        expect(telephoneEvents('0-15,66,70')).toEqual([{ name: 'events', value: '0-15,66,70' }]);
        expect(telephoneEvents('')).toEqual([{ name: 'events', value: '0-15' }]);
    });

    it('section 10: the parameters of a format become one text, and back', () => {
        const parameters = [
            { name: 'profile-level-id', value: '42e01f' },
            { name: 'packetization-mode', value: '1' },
        ];
        expect(fmtpOf(parameters)).toBe('profile-level-id=42e01f; packetization-mode=1');
        expect(parametersOf('profile-level-id=42e01f; packetization-mode=1')).toEqual(parameters);
        expect(parametersOf('profile-level-id=42e01f;packetization-mode=1')).toEqual(parameters);
    });

    it('section 10: red names the payload types it holds', () => {
        expect(redundantAudio('0/103')).toEqual([{ name: 'pt', value: '0,103' }]);
    });

    it('section 10: annexb=yes becomes a parameter of that name', () => {
        expect(parametersOf('annexb=yes')).toEqual([{ name: 'annexb', value: 'yes' }]);
    });

    it('section 10: commas divide where there is no semicolon', () => {
        expect(parametersOf('a=1, b=2')).toEqual([
            { name: 'a', value: '1' },
            { name: 'b', value: '2' },
        ]);
    });

    it('section 10: what is no pair is a value without a name', () => {
        expect(parametersOf('0/103')).toEqual([{ name: '', value: '0/103' }]);
        expect(parametersOf('a=1;flag')).toEqual([
            { name: 'a', value: '1' },
            { name: '', value: 'flag' },
        ]);
        expect(fmtpOf([{ name: '', value: '0/103' }])).toBe('0/103');
    });
});
