/// A value that a handler takes from the path, the query, the headers or the cookies, as pipes are to see it.
///
/// Macros name those of a route; a handler by hand names its own: see `Handler.piping(_:)`.
public struct HTTPParameter: Sendable {
    /// Reads it, and keeps what the pipes make of it. One that is absent is nothing that pipes see.
    let run: @Sendable (HTTPCall, PipedValues) async throws -> Void

    private init<Value: Decodable & SendableMetatype>(_ place: InputFault.Place, _ name: String, _ type: Value.Type) {
        run = { call, values in
            let found = try call.values(place, name)
            guard !found.isEmpty else { return }
            values.set(try await call.piped(call.decode(found, as: Value.self, place, name)), place, name)
        }
    }

    /// A parameter of the path.
    public static func param<Value: Decodable & SendableMetatype>(_ name: String, as type: Value.Type) -> HTTPParameter
    {
        HTTPParameter(.path, name, type)
    }

    /// A parameter of the query.
    public static func query<Value: Decodable & SendableMetatype>(_ name: String, as type: Value.Type) -> HTTPParameter
    {
        HTTPParameter(.query, name, type)
    }

    /// A header field.
    public static func header<Value: Decodable & SendableMetatype>(_ name: String, as type: Value.Type) -> HTTPParameter
    {
        HTTPParameter(.header, name, type)
    }

    /// A cookie.
    public static func cookie<Value: Decodable & SendableMetatype>(_ name: String, as type: Value.Type) -> HTTPParameter
    {
        HTTPParameter(.cookie, name, type)
    }
}
