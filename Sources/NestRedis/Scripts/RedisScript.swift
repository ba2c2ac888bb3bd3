import NIOCore

/// A step that Redis takes as a whole or not at all.
struct RedisScript: Sendable {
    private let text: String
    private var keys: [String] = []
    private var arguments: [String] = []

    init(_ text: String) { self.text = text }

    /// The same for these keys and arguments.
    func with(_ keys: [String], _ arguments: [String] = []) -> RedisScript {
        var script = self
        script.keys = keys
        script.arguments = arguments
        return script
    }

    /// As a command.
    var command: [String] { ["EVAL", text, String(keys.count)] + keys + arguments }

    func send(over connection: RedisConnection, _ expected: RedisExpected = .nothing) {
        connection.send(command, expected)
    }

    /// Begins the command; so many arguments are to follow.
    func write(to bytes: inout ByteBuffer, keys: [String], arguments: Int) {
        bytes.beginCommand(3 + keys.count + arguments)
        bytes.writeArgument("EVAL" as StaticString)
        bytes.writeArgument(text)
        bytes.writeArgument(Int64(keys.count))
        for key in keys { bytes.writeArgument(key) }
    }
}
