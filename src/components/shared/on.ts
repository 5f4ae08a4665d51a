/** Listens to a target. @param types with spaces between them. @returns what ends it */
export function on(
    target: EventTarget,
    types: string,
    // Whoever names the type knows its events
    listener: (event: never) => void,
    capture = false,
): () => void {
    const end = new AbortController();
    for (const type of types.split(' '))
        target.addEventListener(type, listener as EventListener, { capture, signal: end.signal });
    return () => end.abort();
}
