import Instrumentation
import Tracing

/// A span around the handling of a message, in the trace its sender began. Nil when no tracer is installed. A class: whether there
/// is one is asked for every message, and to hold it must cost no copies.
final class ServerTracing: Sendable {
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

    func traced(_ message: IncomingMessage, _ body: () async -> Outcome) async -> Outcome {
        var context = ServiceContext.topLevel
        instrument.extract(message.headers, into: &context, using: HeaderCarrier())
        let kind: SpanKind = message.kind == .send ? .server : .consumer
        return await tracer.withSpan("\(TraceName.process) \(message.pattern)", context: context, ofKind: kind) {
            span in
            span.attributes[TraceName.system] = system
            span.attributes[TraceName.destination] = message.pattern
            span.attributes[TraceName.operation] = TraceName.process
            let outcome = await body()
            if let error = outcome.error { span.recordError(error) }
            return outcome
        }
    }
}

extension Outcome {
    /// The error behind it, if there is one.
    package var error: TransportError? {
        switch self {
        case .reply(.failure(let error)), .replyAndDeadLetter(.failure(let error), _), .retry(_, let error): error
        case .deadLetter(let letter), .replyAndDeadLetter(_, let letter): letter.error
        case .reply(.success), .stream, .done: nil
        }
    }
}
