import HTTPTypes
import HummingbirdCore

/// Makes the answer out of what a handler came to.
enum AnswerBuilder {
    static let json = HTTPField(name: .contentType, value: "application/json")

    static func answer(_ result: HandlerResult, _ state: HTTPCallState) throws -> HTTPAnswer {
        var answer = try plain(result, state)
        let options = state.route.options
        if !options.headers.isEmpty { answer.add(options.headers) }
        if let settings = state.settings {
            answer.status = settings.status ?? answer.status
            answer.add(settings.headers)
        }
        if answer.status == nil { answer.status = options.status ?? (state.route.method == .post ? .created : .ok) }
        return answer
    }

    static func answer(_ error: any Error, _ state: HTTPCallState) -> HTTPAnswer {
        let problem = ProblemDocument(error: HTTPException(reporting: error), instance: String(state.request.path))
        var answer = HTTPAnswer(problem)
        if let settings = state.settings { answer.add(settings.headers.without(.contentType)) }
        return answer
    }

    private static func plain(_ result: HandlerResult, _ state: HTTPCallState) throws -> HTTPAnswer {
        switch result {
        case .payload(let payload): return HTTPAnswer(fields: [json], body: ResponseBody(byteBuffer: payload.buffer))
        case .none: return HTTPAnswer(body: ResponseBody())
        case .stream(let values): return StreamBodies.lines(values, state.connection)
        case .response(let answer as HTTPAnswer): return answer
        case .response(let response as Response): return HTTPAnswer(response)
        case .response(let other):
            throw TransportError(.internal, "\(type(of: other)) is no answer that HTTP knows")
        }
    }
}

extension HTTPAnswer {
    /// Adds fields; they take the place of others of the same name, but for cookies.
    fileprivate mutating func add(_ more: HTTPFields) {
        for field in more where field.name != .setCookie { fields[field.name] = nil }
        for field in more { fields.append(field) }
    }
}

extension HTTPFields {
    fileprivate func without(_ name: HTTPField.Name) -> HTTPFields {
        var fields = self
        fields[name] = nil
        return fields
    }
}
