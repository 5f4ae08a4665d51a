/**
 * Gives a media element its stream, only where it has another one: a browser begins anew with every stream that it is
 * given, even the same, and lit gives an object again with every drawing.
 */
export function attach(element: HTMLMediaElement | null, stream: MediaStream | null): void {
    if (element && element.srcObject !== stream) element.srcObject = stream;
}
