/** A telephone that is measured. All are spoken to in the same way. */

/** Who one end is, and by which servers it calls. */
export interface End {
    readonly server: string;
    readonly user: string;
    readonly password: string;
    readonly domain: string;
    readonly iceServers: readonly RTCIceServer[];
    readonly icePolicy: RTCIceTransportPolicy;
    /** How long a message takes from one end to the other, where a subject has no server of its own to send it by, in ms. */
    readonly delay: number;
}

/** One end. */
export interface Subject {
    /** Resolves when calls can be made. */
    start(): Promise<void>;
    call(user: string): void;
    answer(): void;
    hangUp(): void;
}

/** Makes an end. @param ring a call has come in; @param ended the call is over */
export type Make = (end: End, told: { ring(): void; ended(): void }) => Subject;
