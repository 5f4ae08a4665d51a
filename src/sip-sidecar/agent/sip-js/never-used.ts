/**
 * In place of parts of sip.js that a user agent which only calls never comes to. It refuses at once, should a later version
 * of sip.js come here by another way.
 */
function NeverUsed(): never {
    throw new Error('not part of this user agent');
}

/**
 * `sip.js/lib/core/user-agents/subscribe-user-agent-client.js`, and with it subscription dialogs: we send no SUBSCRIBE.
 * One that comes in meets SubscribeUserAgentServer, which is still there, and gets 489 from the agent; a NOTIFY belongs to
 * no subscription and gets 481.
 */
export const SubscribeUserAgentClient = NeverUsed;

/**
 * `sip.js/lib/core/user-agents/publish-user-agent-client.js`: we send no PUBLISH. One that comes in is answered with 405
 * before any user agent server is asked.
 */
export const PublishUserAgentClient = NeverUsed;
