import { isEmergencyNumber, parseSipAddress } from '../../../src/sip-sidecar/contract/index.js';

const isOne = (text: string): boolean => isEmergencyNumber(parseSipAddress(text)!);

describe('emergency numbers', () => {
    for (const number of ['000', '08', '110', '112', '113', '117', '118', '119', '15', '911', '999', '995', '10111']) {
        it(`${number} is one, however it is written`, () => {
            expect(isOne(`tel:${number}`)).toBeTrue();
            expect(isOne(`sip:${number}@sip.example.net;user=phone`)).toBeTrue();
        });
    }

    for (const text of [
        'tel:+112',
        'tel:12',
        'tel:200',
        'tel:1120',
        'tel:0112',
        'tel:116117',
        'tel:11833',
        'tel:9000000112',
        'tel:112#',
        'sip:112@sip.example.net',
        'sip:alice@112.example',
    ]) {
        it(`${text} is none`, () => expect(isOne(text)).toBeFalse());
    }
});
