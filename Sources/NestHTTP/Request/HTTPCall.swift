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
    /// Set when pipes have seen parameters.
    private(set) var seen: PipedValues?

    init(context: HTTPContext, pipes: [any Pipe] = [], execution: ExecutionContext? = nil) {
        self.context = context
        self.pipes = pipes
        self.execution = execution
    }

    /// The same call, with these parameters as the pipes make them.
    func piping(_ parameters: [HTTPParameter]) async throws -> HTTPCall {
        guard !pipes.isEmpty, !parameters.isEmpty else { return self }
        let values = PipedValues()
        for parameter in parameters { try await parameter.run(self, values) }
        var call = self
        call.seen = values
        return call
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
        try decode(try values(ofPath: name), as: type, .path, name)
    }

    private func values(ofPath name: String) throws -> [FormField.Value] {
        guard let capture = state.capture(name) else {
            throw ApplicationError(.notFound, "the path `\(context.routePath)` has no parameter `\(name)`")
        }
        guard let text = PercentText.decode(capture) else {
            throw InputFault(.path, name, "is not encoded right").exception
        }
        return [.text(text)]
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
        do throws(FormField.Failure) {
            return try FormField.parse(urlencoded: query)
        } catch {
            throw InputFault(.query, "", error.rawValue).exception
        }
    }
}

// MARK: - Headers

extension HTTPCall {
    /// A header field. Optional types may be absent; arrays take every field of the name.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is absent, does not fit the type, stands more than once
    ///   where one is asked for, or is no UTF-8 text.
    public func header<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try decode(try headers(name), as: type, .header, name)
    }

    /// A header field, or a value to take its place when it is absent.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is there and does not fit the type.
    public func header<Value: Decodable>(
        _ name: String, as type: Value.Type = Value.self, default value: @autoclosure () throws -> Value
    ) throws -> Value {
        let values = try headers(name)
        return values.isEmpty ? try value() : try decode(values, as: type, .header, name)
    }

    /// A cookie. Optional types may be absent.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is absent or does not fit the type.
    public func cookie<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try decode(try cookies(name), as: type, .cookie, name)
    }

    /// A cookie, or a value to take its place when it is absent.
    ///
    /// - Throws: ``HTTPException`` with status 400 when it is there and does not fit the type.
    public func cookie<Value: Decodable>(
        _ name: String, as type: Value.Type = Value.self, default value: @autoclosure () throws -> Value
    ) throws -> Value {
        let values = try cookies(name)
        return values.isEmpty ? try value() : try decode(values, as: type, .cookie, name)
    }

    private func headers(_ name: String) throws -> [FormField.Value] {
        guard let field = HTTPField.Name(name) else { return [] }
        return try texts(state.request.headers[values: field], .header, name)
    }

    private func cookies(_ name: String) throws -> [FormField.Value] {
        guard let cookie = state.request.cookies[name] else { return [] }
        return try texts([cookie.value], .cookie, name)
    }

    /// Bytes that are no UTF-8 have become replacement characters on their way here: nobody can tell what they were.
    private func texts(_ values: [String], _ place: InputFault.Place, _ name: String) throws -> [FormField.Value] {
        guard !values.contains(where: { $0.unicodeScalars.contains("\u{FFFD}") }) else {
            throw InputFault(place, name, "is no UTF-8 text").exception
        }
        return values.map { .text($0) }
    }
}

// MARK: - Decoding

extension HTTPCall {
    /// What stands under a name, not decoded.
    func values(_ place: InputFault.Place, _ name: String) throws -> [FormField.Value] {
        switch place {
        case .path: try values(ofPath: name)
        case .query: try values(ofQuery: name)
        case .header: try headers(name)
        case .cookie: try cookies(name)
        case .body, .form: []
        }
    }

    func decode<Value: Decodable>(
        _ values: [FormField.Value], as type: Value.Type, _ place: InputFault.Place, _ name: String
    ) throws -> Value {
        if let value = seen?.value(place, name, as: type) { return value }
        do {
            return try ValueDecoder(values: values, isOne: place == .header).decode(type)
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
