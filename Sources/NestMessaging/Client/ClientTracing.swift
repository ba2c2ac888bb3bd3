import Instrumentation
import Tracing

/// Spans and trace context for outgoing messages. Nil when no tracer is installed, so that nothing is paid for. A class:
/// every call asks whether there is one, and to hold it must cost no copies.
final class ClientTracing: Sendable {
    private let system: String
    private let tracer: any Tracer
    private let instrument: any Instrument

    convenience init?(system: String) {
        guard Observability.isTracing else { return nil }
        self.init(system: system, tracer: InstrumentationSystem.tracer, instrument: InstrumentationSystem.instrument)
    }

    init(system: String, tracer: any Tracer, instrument: any Instrument) {
        self.system = system
        self.tracer = tracer
        self.instrument = instrument
    }

    func send(_ message: OutgoingMessage, on transport: any TransportClient) async throws(TransportError) -> Payload {
        try await traced(message, .client, TraceName.send) { message throws(TransportError) in
            try await transport.send(message)
        }
    }

    func emit(_ message: OutgoingMessage, on transport: any TransportClient) async throws(TransportError) {
        try await traced(message, .producer, TraceName.emit) { message throws(TransportError) in
            try await transport.emit(message)
        }
    }

    /// The span ends when the stream is open.
    func stream(
        _ message: OutgoingMessage, on transport: any TransportClient
    ) async throws(TransportError) -> ReplyStream {
        try await traced(message, .client, TraceName.send) { message throws(TransportError) in
            try await transport.stream(message)
        }
    }

    private func traced<Value>(
        _ message: OutgoingMessage, _ kind: SpanKind, _ operation: String,
        _ body: (OutgoingMessage) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let span = tracer.startAnySpan("\(operation) \(message.pattern.name)", ofKind: kind)
        defer { span.end() }
        span.attributes[TraceName.system] = system
        span.attributes[TraceName.destination] = message.pattern.name
        span.attributes[TraceName.operation] = operation
        var message = message
        instrument.inject(span.context, into: &message.ownHeaders, using: HeaderCarrier())
        do throws(TransportError) {
            return try await body(message)
        } catch {
            span.recordError(error)
            throw error
        }
    }
}
