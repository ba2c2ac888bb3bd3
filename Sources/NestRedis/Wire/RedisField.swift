/// The fields of an entry that are no headers.
enum RedisField {
    /// The envelope.
    static let message = "m"
}
