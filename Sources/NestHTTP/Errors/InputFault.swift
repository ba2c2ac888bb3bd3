/// Something that is wrong with what a caller sent, and where: in the problem document's `errors`.
struct InputFault {
    enum Place: String {
        case path, query, header, cookie, body, form
    }

    var place: Place
    /// The parameter, or the path in the JSON: `items[2].price`; empty for the whole.
    var name: String
    var message: String

    init(_ place: Place, _ name: String, _ message: String) {
        self.place = place
        self.name = name
        self.message = message
    }

    /// Why a decoder refused a value that stands at `place`, below `name` if that is given.
    init(_ place: Place, _ name: String = "", decoding error: any Error) {
        guard let error = error as? DecodingError, let context = error.context else {
            self.init(place, name, "\(error)")
            return
        }
        var path = context.codingPath
        var message = context.debugDescription
        if case .keyNotFound(let key, _) = error {
            if path.last?.stringValue != key.stringValue { path.append(key) }
            message = "is missing"
        }
        let inside = Self.text(of: path)
        self.init(place, name.isEmpty ? inside : inside.isEmpty ? name : "\(name).\(inside)", message)
    }

    private static func text(of path: [any CodingKey]) -> String {
        path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }
}

extension InputFault {
    /// The sentence for people.
    var sentence: String {
        let place =
            switch self.place {
            case .path: "path parameter"
            case .query: "query parameter"
            case .header: "header"
            case .cookie: "cookie"
            case .body: "body"
            case .form: "form field"
            }
        return name.isEmpty ? "\(place): \(message)" : "\(place) `\(name)`: \(message)"
    }

    /// 400, with this as its only fault.
    var exception: HTTPException {
        let fault: JSONValue = ["in": .string(place.rawValue), "name": .string(name), "message": .string(message)]
        let details: JSONValue = ["errors": .array([fault])]
        return HTTPException(400, sentence, code: .invalidMessage, details: try? Payload(encoding: details))
    }
}

extension DecodingError {
    fileprivate var context: Context? {
        switch self {
        case .dataCorrupted(let found), .keyNotFound(_, let found), .typeMismatch(_, let found),
            .valueNotFound(_, let found):
            found
        @unknown default: nil
        }
    }
}
