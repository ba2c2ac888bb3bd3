import NIOCore
import NestTesting
import Testing

@testable import NestMessaging

@Suite("HTTPException and TransportError") struct HTTPExceptionTests {
    @Test(
        "a code has a status",
        arguments: [
            (TransportError.Code.unauthenticated, 401), (.forbidden, 403), (.tooLarge, 413), (.rejected, 422),
            ("card_declined", 422), (.internal, 500), (.invalidConfiguration, 500), (.addressInUse, 500),
            (.unsupported, 501), (.noHandler, 502), (.invalidMessage, 502), (.overloaded, 503), (.disconnected, 503),
            (.noResponders, 503), (.closed, 503), (.cancelled, 503), (.timeout, 504), ("bad_request", 400),
            ("not_found", 404), ("conflict", 409), ("gone", 410), ("unsupported_media_type", 415), ("bad_gateway", 502),
        ])
    func statusOfCode(code: TransportError.Code, status: Int) {
        #expect(TransportError(code, "m").httpStatus == status)
        #expect(HTTPException(TransportError(code, "m")).status == status)
        #expect(HTTPException(TransportError(code, "m")).code == code)
    }

    @Test(
        "a status travels as a code",
        arguments: [
            (400, TransportError.Code.badRequest), (401, .unauthenticated), (402, .rejected), (403, .forbidden),
            (404, .notFound), (405, .methodNotAllowed), (406, .notAcceptable), (408, .timeout), (409, .conflict),
            (410, .gone), (412, .preconditionFailed), (413, .tooLarge), (415, .unsupportedMediaType), (418, .rejected),
            (422, .rejected), (428, .preconditionRequired), (429, .overloaded), (500, .internal),
            (501, .unsupported), (502, .badGateway), (503, .overloaded), (504, .timeout), (599, .internal),
        ])
    func codeOfStatus(status: Int, code: TransportError.Code) throws {
        let error = TransportError(HTTPException(status, "m"))
        #expect(error.code == code && error.message == "m")
        #expect(try Payload(json: "{\"status\":\(status)}") == error.details)
    }

    @Test("every status survives the way between services", arguments: 400...599)
    func roundTrip(status: Int) {
        let exception = HTTPException(HTTPException(status, "m").over())
        #expect(exception.status == status)
        #expect(exception.message == "m" || TransportError(HTTPException(status)).code == .internal)
    }

    @Test("details and the time to come again survive it too")
    func details() throws {
        let conflict = HTTPException.conflict("taken", details: try Payload(json: #"{"id":7,"tags":["a"]}"#))
        #expect(TransportError(conflict).details?.description == #"{"status":409,"id":7,"tags":["a"]}"#)
        #expect(HTTPException(conflict.over()) == conflict)
        let busy = HTTPException.tooManyRequests("later", retryAfter: .milliseconds(1_500))
        #expect(busy.headers["Retry-After"] == "2")
        #expect(TransportError(busy).details?.description == #"{"status":429,"retry_after":2}"#)
        #expect(HTTPException(busy.over()) == busy)
    }

    @Test("details that are no object stand beside the status, and those of the exception do not replace it")
    func oddDetails() throws {
        let list = TransportError(HTTPException.gone("g", details: try Payload(json: "[1]")))
        #expect(list.details?.description == #"{"status":410,"details":[1]}"#)
        let own = TransportError(HTTPException.gone("g", details: try Payload(json: #"{"status":200,"a":1}"#)))
        #expect(own.details?.description == #"{"status":410,"a":1}"#)
    }

    @Test(
        "a status in a peer's details counts only when it is one of an error",
        arguments: [(#"{"status":404}"#, 404), (#"{"status":200}"#, 422), (#"{"status":"404"}"#, 422), ("[404]", 422)])
    func peerDetails(details: String, status: Int) throws {
        let error = TransportError(.rejected, "m", details: try Payload(json: details))
        #expect(error.httpStatus == status)
        #expect(HTTPException(error).message == "m")
        #expect(HTTPException(error).details?.description == (status == 404 ? nil : details))
    }

    @Test("what a network or a failed handler has to say is not for the public")
    func hidden() throws {
        let details = try Payload(json: #"{"table":"orders"}"#)
        let error = TransportError(.disconnected, "no answer from 10.0.0.1", details: details)
        let exception = HTTPException(error)
        #expect(exception.message == "Service Unavailable" && exception.details == nil)
        #expect(exception.cause as? TransportError == error)
        let failed = HTTPException(HTTPException.internal("the password is x").over())
        #expect(failed.message == "Internal Server Error" && failed.status == 500)
    }

    @Test(
        "what a client says of its own call is nothing for the caller of this process",
        arguments: [TransportError.Code.unauthenticated, .forbidden, .tooLarge])
    func ownTrouble(code: TransportError.Code) {
        let refused = TransportError(code, "10.0.0.1 does not know the key")
        #expect(HTTPException(refused).message == refused.message)
        let way = HTTPException(refused.ofCall)
        #expect(way.status == 502 && way.code == .badGateway && way.message == "Bad Gateway" && way.cause != nil)
        let reported = TransportError(reporting: refused.ofCall)
        #expect(reported.code == .internal && !reported.message.contains("10."))
        let peer = TransportError(code, "not you", details: nil, origin: .peer)
        #expect(HTTPException(peer.ofCall).message == "not you" && TransportError(reporting: peer.ofCall) == peer)
        #expect(TransportError(reporting: refused) == refused)
        #expect(HTTPException(TransportError(.rejected, "no").ofCall).status == 422)
    }

    @Test("an error that is read off the wire is the peer's")
    func origin() throws {
        let frame = ByteBuffer(string: #"{"ok":false,"error":{"code":"forbidden","message":"not you"}}"#)
        let whole = ByteRange(frame.readerIndex, frame.writerIndex)
        let response = try NestCodec().readResponse(frame, in: whole)
        guard case .failure(let error) = response.content else {
            Issue.record("another content")
            return
        }
        #expect(error.origin == .peer && error.code == .forbidden && error.ofCall.origin == .peer)
    }

    @Test("what a handler says with a status from 500 on is")
    func onPurpose() {
        let closed = HTTPException.serviceUnavailable("closed until Monday", retryAfter: .seconds(60))
        #expect(HTTPException(closed.over()) == closed)
    }

    @Test("any error is an exception")
    func reporting() {
        #expect(HTTPException(reporting: HTTPException.gone("g")) == .gone("g"))
        #expect(HTTPException(reporting: TransportError(.timeout, "t")).status == 504)
        #expect(HTTPException(reporting: CancellationError()).status == 503)
        let surprise = HTTPException(reporting: Surprise())
        #expect(surprise.status == 500 && surprise.message == "Internal Server Error")
        #expect("\(surprise.cause.map { "\($0)" } ?? "")".contains("a secret"))
    }

    @Test("has words for its status, and takes no other than those of errors")
    func words() {
        #expect(HTTPException(404).message == "Not Found" && HTTPException(404, "no order").title == "Not Found")
        #expect(HTTPException(499).title == "Refused" && HTTPException(599).title == "Failed")
        #expect(HTTPException(200).status == 500)
    }

    @Test("the usual ones have their statuses")
    func kinds() {
        let kinds: [(HTTPException, Int)] = [
            (.badRequest(), 400), (.unauthorized(), 401), (.paymentRequired(), 402), (.forbidden(), 403),
            (.notFound(), 404), (.methodNotAllowed(allowed: ["GET"]), 405), (.notAcceptable(), 406),
            (.requestTimeout(), 408), (.conflict(), 409), (.gone(), 410), (.preconditionFailed(), 412),
            (.contentTooLarge(), 413), (.unsupportedMediaType(), 415), (.unprocessable(), 422),
            (.preconditionRequired(), 428), (.tooManyRequests(), 429), (.internal(), 500), (.notImplemented(), 501),
            (.badGateway(), 502), (.serviceUnavailable(), 503), (.gatewayTimeout(), 504),
        ]
        for (exception, status) in kinds { #expect(exception.status == status) }
        #expect(HTTPException.unauthorized().headers["WWW-Authenticate"] == "Bearer")
        #expect(HTTPException.methodNotAllowed(allowed: ["GET", "HEAD"]).headers["allow"] == "GET, HEAD")
    }

    @Test("a handler of messages may throw one")
    func handler() async throws {
        try await withDispatcher([Thrower.self]) { (dispatcher: MessageDispatcher) async in
            for pattern in ["now", "later"] {
                guard case .reply(.failure(let error)) = await dispatcher.dispatch(.send(pattern)) else {
                    Issue.record("another outcome")
                    return
                }
                #expect(error == TransportError(HTTPException.conflict("taken", details: .text(#"{"id":7}"#))))
                #expect(HTTPException(error).status == 409)
            }
            #expect(dispatcher.dispatchInline(.send("now"))?.line == "fail conflict: taken")
        }
    }

    @Test("thrown as a refusal of a value it passes the pipe that validates")
    func validation() async {
        let context = ExecutionContext(kind: .message, controller: Thrower.self, handler: "", call: NoCall())
        await #expect(throws: HTTPException.notFound("no sku")) {
            try await ValidationPipe().transform(value: Unknown(), context)
        }
    }
}

extension HTTPException {
    /// What the other side of a wire is given.
    fileprivate func over() -> TransportError { TransportError(self).withoutCause }
}

private struct Thrower: Controller {
    static func make(from resolver: Resolver) -> Thrower { Thrower() }
    static var handlers: [Handler<Thrower>] {
        [
            .message("now") { (_, _: NoPayload, _) -> Int in throw taken },
            .message("later") { (_, _: NoPayload, _) async throws -> Int in throw taken },
        ]
    }
    private static let taken = HTTPException.conflict("taken", details: .text(#"{"id":7}"#))
}

private struct Unknown: Validatable {
    func validate() throws { throw HTTPException.notFound("no sku") }
}

private struct NoCall: CallContext {
    var headers: MessageHeaders { [:] }
    var logger: Logger { Logger(label: "none") }
    func resolve<Value>(_ type: Value.Type, named name: String?) async throws -> Value {
        throw TransportError(.unsupported, "nothing to resolve")
    }
}
