/** Emergency numbers: a call to one is never delayed, by no question, no announcement and no gathering rule. */
import type { SipAddress } from './address.js';

/**
 * The numbers that 3GPP TS 22.101 section 10.1.1 names for every country, and those of up to three digits that are one in at
 * least two regions by the short number data of libphonenumber; and 10111 of South Africa.
 */
const NUMBERS =
    /^(?:0(?:00|11|22|33|[1238])|1(?:[5-9]|0[0-8]|1\d|2[02-48]|3[1-3]|44|5[0568]|66|7[17]|80|9[0-57-9]|0111)|9(?:[234]|1[139]|9\d))$/u;

/** Whether that is a telephone number, and an emergency number somewhere. */
export function isEmergencyNumber({ phone, user }: Pick<SipAddress, 'phone' | 'user'>): boolean {
    return phone && NUMBERS.test(user);
}
