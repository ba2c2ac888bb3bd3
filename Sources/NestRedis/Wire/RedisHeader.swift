/// Headers of our own.
enum RedisHeader {
    /// The only group an event is for: it was put back for it.
    static let onlyGroup = "nest-only-group"
    /// The event before this one in the slot of its key.
    static let previous = "nest-prev"
    /// When a request was put into a list, by Redis's clock: lists do not tell.
    static let sentAt = "nest-sent-at"
}
