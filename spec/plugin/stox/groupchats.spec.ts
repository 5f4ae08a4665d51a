import {
    conferenceFromRoom,
    cpimFromMessage,
    invitedByRefer,
    messageFromCpim,
    NICKNAME_FAILED,
    referFromInvite,
    reflectionOf,
    requestFromRoomPresence,
    roomFromConference,
    roomPresenceFromRequest,
    type ConferenceInfo,
} from '../../../src/plugin/stox/groupchats.js';

const juliet = 'juliet@example.com/yn0cl4bnw0yr3vym';
const romeo = 'romeo@example.org/dr4hcr0st3lup4c';
const montague = 'montague@chat.example.org';
const capulet = 'capulet@rooms.example.com';

const user = (room: string, nickname: string): ConferenceInfo['users'][number] => ({
    entity: `sip:${room};gr=${nickname}`,
    displayText: nickname,
});

describe('RFC 7702', () => {
    it('examples 1, 2 and 5: entering becomes an INVITE to the room and a NICKNAME', () => {
        expect(requestFromRoomPresence({ from: juliet, to: `${montague}/JuliC` })).toEqual({
            method: 'INVITE',
            from: 'sip:juliet@example.com',
            to: `sip:${montague}`,
            contact: 'sip:juliet@example.com;gr=yn0cl4bnw0yr3vym',
            nickname: 'JuliC',
        });
    });

    it('table 1: from becomes From', () => {
        expect(requestFromRoomPresence({ from: juliet, to: `${montague}/JuliC` })?.from).toBe('sip:juliet@example.com');
    });

    it('table 1: to without the nickname becomes To', () => {
        expect(requestFromRoomPresence({ from: juliet, to: `${montague}/JuliC` })?.to).toBe(`sip:${montague}`);
    });

    const info: ConferenceInfo = {
        entity: `sip:${montague}`,
        subject: 'Today in Verona',
        users: [{ ...user(montague, 'Romeo'), aor: `xmpp:${romeo}` }, user(montague, 'Ben'), user(montague, 'JuliC')],
    };

    it('examples 9, 10 and 11: conference-info becomes the occupants and the subject', () => {
        const common = { role: 'participant', affiliation: 'none' } as const;
        expect(roomFromConference(info)).toEqual({
            subject: 'Today in Verona',
            occupants: [
                { from: `${montague}/Romeo`, ...common, jid: romeo },
                { from: `${montague}/Ben`, ...common },
                { from: `${montague}/JuliC`, ...common },
            ],
        });
    });

    it('table 2: the entity of conference-info is the room', () => {
        expect(conferenceFromRoom(montague, [])?.entity).toBe(`sip:${montague}`);
    });

    it('table 2: subject is the subject of the room', () => {
        expect(roomFromConference(info).subject).toBe('Today in Verona');
    });

    it('table 2: the entity of a user and of its endpoint is the occupant JID', () => {
        expect(roomFromConference(info).occupants[1]?.from).toBe(`${montague}/Ben`);
    });

    it('table 2: display-text is the nickname', () => {
        const [ben] = conferenceFromRoom(montague, [{ from: `${montague}/Ben` }])?.users ?? [];
        expect(ben?.displayText).toBe('Ben');
    });

    it('table 2: associated-aors is the full JID of the person, where it is told', () => {
        const [first, second] = roomFromConference(info).occupants;
        expect(first?.jid).toBe(romeo);
        expect(second?.jid).toBeUndefined();
    });

    it('table 2: the person in associated-aors comes back, whatever the name; what is no address is left out', () => {
        const jid = 'r\\26j@example.org/Büro #1';
        const [told] = conferenceFromRoom(montague, [{ from: `${montague}/Romeo`, jid }])?.users ?? [];
        expect(told?.aor).toBe('xmpp:r%5C26j@example.org/B%C3%BCro%20%231');
        const people = [
            told?.aor,
            'sip:o%27malley@example.org',
            'xmpp:juliet@example.com?message;body=x',
            'javascript:alert(1)',
            'xmpp://evil@x/a@x',
            'xmpp:%zz',
        ];
        const users = people.map((aor = '') => ({ ...user(montague, 'Romeo'), aor }));
        expect(roomFromConference({ ...info, users }).occupants.map((occupant) => occupant.jid)).toEqual([
            jid,
            'o\\27malley@example.org',
            'juliet@example.com',
            undefined,
            undefined,
            undefined,
        ]);
    });

    it('table 3: the entity of a user becomes from, and the occupant JID', () => {
        expect(roomFromConference(info).occupants[0]?.from).toBe(`${montague}/Romeo`);
    });

    it('table 3: role is participant, affiliation is none', () => {
        for (const { role, affiliation } of roomFromConference(info).occupants) {
            expect([role, affiliation]).toEqual(['participant', 'none']);
        }
    });

    it('examples 12 and 13: a message to the room becomes a CPIM message to it', () => {
        const body = 'Who knows where Romeo is?';
        expect(cpimFromMessage({ from: juliet, to: montague, type: 'groupchat', id: 'lzfed24s', body })).toEqual({
            to: `sip:${montague}`,
            from: 'sip:juliet@example.com',
            body,
        });
    });

    it('example 15: a message to the room comes back to who wrote it', () => {
        const body = 'Who knows where Romeo is?';
        const written = { from: juliet, to: montague, type: 'groupchat', id: 'lzfed24s', body } as const;
        expect(reflectionOf(written, 'JuliC', 'ix51z73m')).toEqual({
            from: `${montague}/JuliC`,
            to: juliet,
            type: 'groupchat',
            id: 'ix51z73m',
            body,
        });
    });

    it('examples 16 and 17: a private message becomes a CPIM message from device to occupant', () => {
        const body = 'O Romeo, Romeo! wherefore art thou Romeo?';
        expect(cpimFromMessage({ from: juliet, to: `${montague}/Romeo`, type: 'chat', id: '6sfln45q', body })).toEqual({
            to: `sip:${montague};gr=Romeo`,
            from: 'sip:juliet@example.com;gr=yn0cl4bnw0yr3vym',
            body,
        });
    });

    for (const [xmpp, cpim] of [
        ['to', 'To'],
        ['from', 'From'],
        ['body', 'the body of the SEND'],
    ] as const) {
        it(`table 4: ${xmpp} becomes ${cpim}`, () => {
            const made = cpimFromMessage({ from: juliet, to: montague, type: 'groupchat', body: 'Hi' });
            expect(made?.[xmpp]).toBe({ to: `sip:${montague}`, from: 'sip:juliet@example.com', body: 'Hi' }[xmpp]);
        });

        it(`table 5: ${cpim} becomes ${xmpp}`, () => {
            const made = messageFromCpim({ from: 'sip:romeo@example.org', to: `sip:${capulet}`, body: 'Hi' }, '1');
            expect(made?.[xmpp]).toBe({ to: capulet, from: 'romeo@example.org', body: 'Hi' }[xmpp]);
        });
    }

    it('example 19: a new nickname becomes a NICKNAME', () => {
        expect(requestFromRoomPresence({ from: juliet, to: `${montague}/CapuletGirl` })?.nickname).toBe('CapuletGirl');
    });

    it('examples 20, 21, 40 and 41: the response 425 is the condition conflict', () => {
        expect(NICKNAME_FAILED).toEqual({ status: 425, condition: 'conflict' });
    });

    it('examples 22 and 23: an invitation becomes a REFER', () => {
        expect(referFromInvite(juliet, montague, 'benvolio@example.com')).toEqual({
            method: 'REFER',
            from: 'sip:juliet@example.com',
            to: `sip:${montague}`,
            referTo: 'sip:benvolio@example.com',
        });
    });

    it('examples 25 and 26: leaving becomes a BYE', () => {
        const left = { from: juliet, to: `${montague}/JuliC`, type: 'unavailable' } as const;
        const bye = { method: 'BYE', from: 'sip:juliet@example.com', to: `sip:${montague}` };
        expect(requestFromRoomPresence(left)).toEqual(jasmine.objectContaining(bye));
        expect(requestFromRoomPresence({ ...left, status: "O, look! methinks I see my cousin's ghost" })).toEqual(
            jasmine.objectContaining(bye),
        );
    });

    it('examples 27 and 30: an INVITE becomes entering, by the name of the caller at first', () => {
        const invite = {
            method: 'INVITE',
            from: 'sip:romeo@example.org',
            to: `sip:${capulet}`,
            contact: 'sip:romeo@example.org;gr=dr4hcr0st3lup4c',
        } as const;
        expect(roomPresenceFromRequest(invite, 'Romeo')).toEqual({ from: romeo, to: `${capulet}/Romeo` });
        expect(roomPresenceFromRequest(invite, '')).toBeNull();
    });

    it('examples 31 and 32: the occupants become conference-info', () => {
        const occupants = [{ from: `${capulet}/JuliC` }, { from: `${capulet}/Ben` }];
        expect(conferenceFromRoom(capulet, occupants, 'Today in Verona')).toEqual({
            entity: `sip:${capulet}`,
            subject: 'Today in Verona',
            users: [user(capulet, 'JuliC'), user(capulet, 'Ben')],
        });
    });

    it('examples 33 and 34: a CPIM message to the room becomes a message of type groupchat', () => {
        const cpim = { to: `sip:${capulet}`, from: 'sip:romeo@example.org;gr=dr4hcr0st3lup4c', body: 'Romeo is here!' };
        expect(messageFromCpim(cpim, '8gbx1g4p')).toEqual({
            from: romeo,
            to: capulet,
            type: 'groupchat',
            id: '8gbx1g4p',
            body: 'Romeo is here!',
        });
    });

    it('examples 36 and 37: a CPIM message to one occupant, from one by the switch, becomes a private message', () => {
        const cpim = { to: `sip:${capulet};gr=JuliC`, from: `sip:${capulet};gr=Romeo`, body: 'I am here!!!' };
        expect(messageFromCpim(cpim, 'rg2ca9k7')).toEqual({
            from: `${capulet}/Romeo`,
            to: `${capulet}/JuliC`,
            type: 'chat',
            id: 'rg2ca9k7',
            body: 'I am here!!!',
        });
    });

    it('examples 38 and 39: a NICKNAME becomes presence at the new name', () => {
        const device = 'sip:romeo@example.org;gr=dr4hcr0st3lup4c';
        const request = { method: 'INVITE', from: device, to: `sip:${capulet}` } as const;
        expect(roomPresenceFromRequest(request, 'montecchi')).toEqual({ from: romeo, to: `${capulet}/montecchi` });
    });

    it('example 42: a REFER becomes an invitation', () => {
        expect(invitedByRefer('sip:benvolio@example.com')).toBe('benvolio@example.com');
        expect(invitedByRefer('tel:+13035551212')).toBeNull();
    });

    it('examples 44 and 45: a BYE becomes leaving', () => {
        const bye = {
            method: 'BYE',
            from: 'sip:romeo@example.org',
            to: `sip:${capulet}`,
            contact: 'sip:romeo@example.org;gr=dr4hcr0st3lup4c',
        } as const;
        expect(roomPresenceFromRequest(bye, 'Romeo')).toEqual({
            from: romeo,
            to: `${capulet}/Romeo`,
            type: 'unavailable',
        });
    });

    it('sections 5 and 6: what has no counterpart is left out', () => {
        expect(requestFromRoomPresence({ from: juliet, to: 'chat.example.org/JuliC' })).toBeNull();
        expect(
            roomFromConference({ entity: 'sip:x', users: [user('a\r\nb@c', 'x'), user(capulet, 'Ben')] }).occupants,
        ).toEqual([{ from: `${capulet}/Ben`, role: 'participant', affiliation: 'none' }]);
        expect(conferenceFromRoom('chat.example.org', [])).toBeNull();
        expect(cpimFromMessage({ from: juliet, to: montague, type: 'groupchat' })).toBeNull();
        expect(messageFromCpim({ from: 'tel:1', to: `sip:${capulet}`, body: '' }, '1')).toBeNull();
        expect(referFromInvite(juliet, montague, 'example.com')).toBeNull();
    });
});
