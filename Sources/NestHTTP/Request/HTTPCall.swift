import HTTPTypes
import Hummingbird
import HummingbirdCore

/// One call of an HTTP handler: the request's context, and the ways to decode what the handler takes.
///
/// What does not fit is refused with 400 and a problem document that names the place.
public struct HTTPCall: Sendable {
    /// The request's context.
    public let context: HTTPContext
    let pipes: [any Pipe]
    /// Set when there are pipes.
    let execution: ExecutionContext?

    init(context: HTTPContext, pipes: [any Pipe] = [], execution: ExecutionContext? = nil) {
        self.context = context
        self.pipes = pipes
        self.execution = execution
    }

    var state: HTTPCallState { context.state }
    var codec: JSONCodec { context.state.route.codec }
}

// MARK: - Path

extension HTTPCall {
    /// A parameter of the path, as any type that is made from one text.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it does not fit the type; `ApplicationError` when the route's path
    ///   has no parameter of that name, which is the handler's mistake.
    public func param<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        guard let capture = state.capture(name) else {
            throw ApplicationError(.notFound, "the path `\(context.routePath)` has no parameter `\(name)`")
        }
        guard let text = PercentText.decode(capture) else {
            throw InputFault(.path, name, "is not encoded right").exception
        }
        return try decode([.text(text)], as: type, .path, name)
    }
}

// MARK: - Query

extension HTTPCall {
    /// A parameter of the query. Optional types may be absent; arrays take all values of the name.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is absent or does not fit the type.
    public func query<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try decode(try values(ofQuery: name), as: type, .query, name)
    }

    /// A parameter of the query, or a value to take its place when it is absent.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is there and does not fit the type.
    public func query<Value: Decodable>(
        _ name: String, as type: Value.Type = Value.self, default value: @autoclosure () throws -> Value
    ) throws -> Value {
        let values = try values(ofQuery: name)
        return values.isEmpty ? try value() : try decode(values, as: type, .query, name)
    }

    /// The whole query as one type, through the pipes.
    ///
    /// - Throws: ``HTTPException`` with status 400 that names the property; what a pipe throws.
    public func queries<Value: Decodable>(as type: Value.Type = Value.self) async throws -> Value {
        let value: Value
        do {
            value = try Value(from: FieldsDecoder(try queryFields()))
        } catch let error as DecodingError {
            throw InputFault(.query, decoding: error).exception
        }
        return try await piped(value)
    }

    private func values(ofQuery name: String) throws -> [FormField.Value] {
        try queryFields().filter { $0.name == name }.map(\.value)
    }

    private func queryFields() throws -> [FormField] {
        guard let query = state.request.query else { return [] }
        guard let fields = FormField.parse(urlencoded: query) else {
            throw InputFault(.query, "", "is not encoded right").exception
        }
        return fields
    }
}

// MARK: - Headers

extension HTTPCall {
    /// A header field. Optional types may be absent; arrays take every field of the name.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is absent or does not fit the type.
    public func header<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try decode(headers(name), as: type, .header, name)
    }

    /// A header field, or a value to take its place when it is absent.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is there and does not fit the type.
    public func header<Value: Decodable>(
        _ name: String, as type: Value.Type = Value.self, default value: @autoclosure () throws -> Value
    ) throws -> Value {
        let values = headers(name)
        return values.isEmpty ? try value() : try decode(values, as: type, .header, name)
    }

    /// A cookie. Optional types may be absent.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is absent or does not fit the type.
    public func cookie<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try decode(cookies(name), as: type, .cookie, name)
    }

    /// A cookie, or a value to take its place when it is absent.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is there and does not fit the type.
    public func cookie<Value: Decodable>(
        _ name: String, as type: Value.Type = Value.self, default value: @autoclosure () throws -> Value
    ) throws -> Value {
        let values = cookies(name)
        return values.isEmpty ? try value() : try decode(values, as: type, .cookie, name)
    }

    private func headers(_ name: String) -> [FormField.Value] {
        guard let name = HTTPField.Name(name) else { return [] }
        return state.request.headers[values: name].map { .text($0) }
    }

    private func cookies(_ name: String) -> [FormField.Value] {
        state.request.cookies[name].map { [.text($0.value)] } ?? []
    }
}

// MARK: - Decoding

extension HTTPCall {
    private func decode<Value: Decodable>(
        _ values: [FormField.Value], as type: Value.Type, _ place: InputFault.Place, _ name: String
    ) throws -> Value {
        do {
            return try ValueDecoder(values: values).decode(type)
        } catch let error as DecodingError {
            throw InputFault(place, name, decoding: error).exception
        }
    }

    /// A value, changed or refused by the pipes.
    func piped<Value>(_ value: Value) async throws -> Value {
        guard let execution else { return value }
        var value = value
        for pipe in pipes { value = try await pipe.transform(value: value, execution) }
        return value
    }
}
