import NIOHTTP1

/// What a request's head says about its connection, and whether it can be served at all.
struct RequestVerdict {
    /// There is to be no other answer after this one.
    var closes = false
    /// Why it is refused.
    var problem: HTTPException?
    /// What follows it is not HTTP any more, or would not be if we could do what it asks for.
    var isLastForDecoder = false

    init() {}

    /// Refused: what comes after it cannot be told.
    init(_ problem: HTTPException) {
        closes = true
        self.problem = problem
    }

    init(_ head: HTTPRequestHead) {
        let fields = RelevantFields(head.headers)
        let isOld = head.version == .http1_0
        let isConnect = head.method == .CONNECT
        isLastForDecoder = isConnect || (fields.hasUpgrade && fields.connection.contains("upgrade"))
        problem = isConnect ? HTTPException(501, "there are no tunnels here") : fields.problem(isOld: isOld)
        closes = isOld || isLastForDecoder || problem != nil || !head.isKeepAlive
    }
}

/// The header fields that decide how a message is read.
private struct RelevantFields {
    var hosts: [String] = []
    var codings: [String] = []
    var length: String?
    var connection = ""
    var hasUpgrade = false

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // Told apart by their length first: most fields are none of these.
            switch name.utf8.count {
            case 4 where name.isSame(as: "host"): hosts.append(value)
            case 7 where name.isSame(as: "upgrade"): hasUpgrade = true
            case 10 where name.isSame(as: "connection"): connection += value.lowercased() + ","
            case 14 where name.isSame(as: "content-length"): length = value
            case 17 where name.isSame(as: "transfer-encoding"): codings.append(value)
            default: break
            }
        }
    }

    func problem(isOld: Bool) -> HTTPException? {
        if hosts.count > 1 || (hosts.isEmpty && !isOld) || !hosts.allSatisfy({ HostText.isValid($0) }) {
            return HTTPException(400, "the request needs one valid `Host`")
        }
        // llhttp has seen that it is a number.
        if let length, Int(length) == nil { return .bodyTooLarge }
        return codings.isEmpty ? nil : codingProblem
    }

    private var codingProblem: HTTPException? {
        let names = codings.joined(separator: ",").lowercased().split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " || $0 == "\t" } }
            .map { name in name.last.map { $0 == " " || $0 == "\t" } == true ? name.dropLast() : name }
        if names == ["chunked"] { return nil }
        let isWrong = names.contains { $0.isEmpty || $0 == "identity" } || names.count { $0 == "chunked" } > 1
        if isWrong { return HTTPException(400, "the transfer encoding is not well-formed") }
        return HTTPException(501, "the only transfer encoding known here is `chunked`")
    }
}

extension String {
    /// Whether it is this name, which is in lower case and of the same length.
    fileprivate func isSame(as name: StaticString) -> Bool {
        name.withUTF8Buffer { name in
            zip(utf8, name).allSatisfy { $0 | ($0 >= 0x41 && $0 <= 0x5A ? 0x20 : 0) == $1 }
        }
    }
}
