/**
 * In place of `sip.js/lib/core/log/logger-factory.js`: sip.js' log is left out of the bundle (webpack.config.js), and would
 * show addresses and digests. One word of it is kept, which is not said anywhere else: that a message could not be parsed.
 */

const silent = (): void => undefined;

/** What sip.js logs with. */
export interface SilentLogger {
    debug(content: string): void;
    log(content: string): void;
    warn(content: string): void;
    error(content: string): void;
}

/** Hands out loggers that say nothing. */
export class LoggerFactory {
    builtinEnabled = false;
    level = 0;
    connector: ((level: string, category: string, label: string | undefined, content: string) => void) | undefined;

    getLogger(category: string): SilentLogger {
        const tell =
            category === 'sip.Parser'
                ? (content: string): void => {
                      this.connector?.('warn', 'sip.UserAgent', undefined, `Failed to parse: ${content}`);
                  }
                : silent;
        return { debug: silent, log: silent, warn: tell, error: tell };
    }
}
