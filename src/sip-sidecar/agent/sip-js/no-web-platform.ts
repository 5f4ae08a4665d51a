/**
 * Stands in, by an alias in webpack.config.js, for the two modules of sip.js' web platform that its UserAgent imports as
 * defaults: the agent has its own transport and its own session descriptions, and they would be 8 kB (gzip) for nothing.
 */

/** In place of `sip.js/lib/platform/web/session-description-handler/session-description-handler-factory-default.js`. */
export function defaultSessionDescriptionHandlerFactory(): null {
    return null;
}

/** In place of `sip.js/lib/platform/web/transport/transport.js`. */
export const Transport = null;
