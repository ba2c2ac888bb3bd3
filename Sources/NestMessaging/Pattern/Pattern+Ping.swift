extension Pattern {
    /// `nest.ping`, the question whether a service is at work: every service answers requests for it with null, past all
    /// guards and catch-all handlers, unless it has a handler of its own for exactly that. See ``ClientHealth``.
    public static let ping: Pattern = "nest.ping"

    static func isPing(_ name: UnsafeRawBufferPointer) -> Bool { name.elementsEqual("nest.ping".utf8) }
}
