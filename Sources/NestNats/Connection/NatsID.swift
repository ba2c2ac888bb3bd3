/// The name of one message, as ``NatsIDs`` gives it.
struct NatsID: Sendable {
    private let ids: NatsIDs
    private let number: UInt64

    init(_ number: UInt64, of ids: NatsIDs) {
        self.ids = ids
        self.number = number
    }

    /// Lends it as C wants it.
    @inline(__always)
    func withName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result { ids.withName(number, body) }
}
