/** sip.js' interface to session descriptions, spoken on top of a {@link MediaSession}. */
import type { SessionDescriptionHandler } from 'sip.js/lib/api/session-description-handler.js';
import type { Session } from 'sip.js/lib/api/session.js';
import { SignalingState } from 'sip.js/lib/core/session/session.js';
import type { MediaSession } from '../contract/index.js';

const SDP = 'application/sdp';

/** One per call. Whether a description is offer or answer follows from the state of the dialog (RFC 3264). */
export class MediaDescriptionHandler implements SessionDescriptionHandler {
    /** What the next re-INVITE asks of its offer. */
    iceRestart = false;
    private open: 'local offer' | 'remote offer' | null = null;

    constructor(
        private readonly session: Session,
        private readonly media: MediaSession,
    ) {}

    async getDescription(): Promise<{ body: string; contentType: string }> {
        if (this.open === 'remote offer') {
            const body = await this.media.createAnswer();
            this.open = null;
            return { body, contentType: SDP };
        }
        this.open = 'local offer';
        const iceRestart = this.iceRestart;
        this.iceRestart = false;
        return { body: await this.media.createOffer({ iceRestart }), contentType: SDP };
    }

    async setDescription(sdp: string): Promise<void> {
        const answer = this.open === 'local offer' && this.session.dialog?.signalingState === SignalingState.Stable;
        if (answer) {
            await this.media.setRemoteDescription({ type: 'answer', sdp });
            this.open = null;
            return;
        }
        // Their re-INVITE came while our own offer was being made: theirs was sent first.
        await this.undoOffer();
        await this.media.setRemoteDescription({ type: 'offer', sdp });
        this.open = 'remote offer';
    }

    async rollbackDescription(): Promise<void> {
        this.open = null;
        await this.media.rollback();
    }

    /** Takes back an offer of ours that was made and not sent. */
    async undoOffer(): Promise<void> {
        if (this.open === 'local offer') await this.rollbackDescription();
    }

    hasDescription(contentType: string): boolean {
        return contentType.split(';')[0]?.trim().toLowerCase() === SDP;
    }

    sendDtmf(tones: string): boolean {
        return this.media.sendDigits(tones);
    }

    close(): void {
        this.media.close();
    }
}
