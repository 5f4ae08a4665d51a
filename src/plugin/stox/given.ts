/** The values that are there: what a mapping has no value for is left out. */
export function given<T extends object>(values: { [K in keyof T]: T[K] | null | undefined }): Partial<T> {
    return Object.fromEntries(
        Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
    ) as Partial<T>;
}
