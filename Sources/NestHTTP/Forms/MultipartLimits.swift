/// How much a multipart form may have, beside its length as a whole.
struct MultipartLimits: Sendable {
    var parts = 1_000
    /// Of one part's head, in bytes.
    var head = 8 << 10
}
