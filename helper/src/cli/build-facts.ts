// Which build this is: put in by the build; run from source, there is nothing to compare.
export const buildDigest = process.env.SINGLETON_BUILD_DIGEST ?? 'development'
export const version = process.env.SINGLETON_VERSION ?? 'development'
