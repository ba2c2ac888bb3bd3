public import NIOCore

/// One message as a transport received it: bytes, and where in them the envelope's fields stand.
///
/// Nothing in it is decoded until somebody asks, and a copy of it costs a few retains. With its context it has 128 bytes: the
/// compiler moves as many in place, and calls a function for each move of more.
public struct IncomingMessage: Sendable {
    /// Request or event.
    public var kind: MessageKind
    /// Which of an event's handlers this delivery is for.
    package var audience = Audience.all
    /// Headers that came beside the body are with ``metadata``, a ``HeaderSource``, which reads them when it is asked.
    package var hasHeadersInMetadata = false
    @usableFromInline var packedAttempt: UInt32 = 1
    /// The bytes that every range below points into.
    @usableFromInline package var frame: ByteBuffer
    /// The pattern, escapes resolved, without quotes.
    package var patternRange: ByteRange
    package var payloadRange: ByteRange
    /// The header object as raw JSON; `none` without headers.
    package var headersRange: ByteRange = .none
    /// The id as the peer wrote it, quotes and all; `none` on wires without ids.
    package var idRange: ByteRange = .none
    package var replyRange: ByteRange = .none
    package var correlationRange: ByteRange = .none
    /// Headers that came beside the body, in the broker's own form; they win over those of the envelope.
    package var carriedHeaders: MessageHeaders?
    /// Uptime nanoseconds; `UInt64.max` for none.
    private var packedDeadline = UInt64.max
    /// 0 for none.
    private var packedCredit: UInt32 = 0
    /// What the transport wants handlers to see of it: a subject, a partition, a peer's certificate.
    @usableFromInline package var metadata: (any AnyObject & Sendable)?

    /// On transports with broadcast an event may come to an instance twice: once for its group, once for everyone.
    package enum Audience: Sendable {
        case all
        /// Handlers that do not broadcast: one instance of each group runs them.
        case group
        /// Handlers that asked for ``HandlerOptions/broadcast``: every instance runs them.
        case everyone
    }

    /// When the caller stops waiting.
    package var deadline: NIODeadline? {
        get { packedDeadline == .max ? nil : .uptimeNanoseconds(packedDeadline) }
        set { packedDeadline = newValue?.uptimeNanoseconds ?? .max }
    }

    /// Items the caller is ready to take, at least one; nil unless it asked for a stream.
    package var streamCredit: Int? {
        get { packedCredit == 0 ? nil : Int(packedCredit) }
        set { packedCredit = newValue.map { UInt32(clamping: max(1, $0)) } ?? 0 }
    }

    /// Which try this is, from 1.
    @inlinable package var attempt: Int {
        get { Int(packedAttempt) }
        set { packedAttempt = UInt32(clamping: newValue) }
    }

    package init(kind: MessageKind, frame: ByteBuffer, pattern: ByteRange, payload: ByteRange) {
        self.kind = kind
        self.frame = frame
        patternRange = pattern
        payloadRange = payload
    }

    /// A message put together from its parts, for transports whose pattern and headers stand outside the body.
    package init(kind: MessageKind, pattern: String, payload: Payload, headers: MessageHeaders = [:]) {
        var frame = ByteBuffer()
        frame.reserveCapacity(pattern.utf8.count + payload.count)
        frame.writeString(pattern)
        let patternEnd = frame.writerIndex
        frame.writeImmutableBuffer(payload.buffer)
        self.init(
            kind: kind, frame: frame, pattern: ByteRange(0, patternEnd),
            payload: ByteRange(patternEnd, frame.writerIndex))
        adopt(headers)
    }

    /// Takes headers that came beside the body, and what the framework reads in them.
    package mutating func adopt(_ headers: MessageHeaders) {
        guard !headers.isEmpty else { return }
        carriedHeaders = headers
        for header in headers.entries { take(header) }
    }

    /// Each of the names has a length of its own, which nearly all others have not.
    @inline(__always)
    private mutating func take(_ header: MessageHeaders.Entry) {
        switch header.name.utf8.count {
        case HeaderName.timeout.utf8.count where MessageHeaders.same(header.name, HeaderName.timeout):
            if let timeout = Int64(header.value) { expire(afterMilliseconds: timeout) }
        case HeaderName.stream.utf8.count where MessageHeaders.same(header.name, HeaderName.stream):
            if let credit = Int(header.value) { take(credit: credit) }
        case HeaderName.attempt.utf8.count where MessageHeaders.same(header.name, HeaderName.attempt):
            if let attempt = Int(header.value) { take(attempt: attempt) }
        default: break
        }
    }

    /// Takes a peer's word on how many items it is ready for, within bounds that can be counted on from.
    mutating func take(credit: Int) {
        if credit > 0 { streamCredit = min(credit, EnvelopeLimits.credit) }
    }

    /// Takes a peer's word on which try this is, within bounds that can be counted on from.
    mutating func take(attempt: Int) {
        if attempt > 0 { self.attempt = min(attempt, EnvelopeLimits.attempts) }
    }

    /// Sets the deadline from the time the caller says is left.
    package mutating func expire(afterMilliseconds milliseconds: Int64, now: NIODeadline = .now()) {
        let bounded = min(max(milliseconds, 0), EnvelopeLimits.timeoutMilliseconds)
        deadline = now + .milliseconds(bounded)
    }
}

extension IncomingMessage {
    /// The pattern the sender named.
    public var pattern: String { string(patternRange) }

    /// The payload's bytes, not decoded.
    public var payload: Payload { Payload(trusted: slice(payloadRange)) }

    /// Where the answer goes, on wires that say so in the envelope.
    package var reply: String? { replyRange.isEmpty ? nil : string(replyRange) }

    /// The sender's name for this exchange.
    package var correlationID: String? { correlationRange.isEmpty ? nil : string(correlationRange) }

    /// All headers, read anew at each call.
    package var headers: MessageHeaders {
        var headers = MessageHeaders()
        if !headersRange.isEmpty { headers = EnvelopeHeaders.parse(slice(headersRange)) }
        if let carriedHeaders { headers.merge(carriedHeaders) }
        if hasHeadersInMetadata, let source = metadata as? any HeaderSource { headers.merge(source.headers) }
        return headers
    }

    /// True when the caller has stopped waiting.
    package func isExpired(at now: NIODeadline) -> Bool { deadline.map { $0 <= now } ?? false }

    package func string(_ range: ByteRange) -> String {
        frame.getString(at: range.start, length: Int(range.length)) ?? ""
    }

    package func slice(_ range: ByteRange) -> ByteBuffer {
        frame.getSlice(at: range.start, length: Int(range.length)) ?? ByteBuffer()
    }
}
