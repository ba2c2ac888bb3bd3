import HTTPTypes
import Instrumentation
import Tracing

/// A span around the handling of a request, in the trace its caller began. Nil when no tracer is installed.
struct HTTPTracing: Sendable {
    private let tracer: any Tracer
    private let instrument: any Instrument

    init?() {
        guard Observability.isTracing else { return nil }
        self.init(tracer: InstrumentationSystem.tracer, instrument: InstrumentationSystem.instrument)
    }

    init(tracer: any Tracer, instrument: any Instrument) {
        self.tracer = tracer
        self.instrument = instrument
    }

    /// `route` is the path of the route, not what was asked for: names of spans are few.
    func traced(
        _ request: HTTPRequest, path: Substring, route: String?, _ body: () async -> HTTPAnswer
    ) async -> HTTPAnswer {
        var context = ServiceContext.topLevel
        instrument.extract(request.headerFields, into: &context, using: HTTPFieldExtractor())
        let name = route.map { "\(request.method.rawValue) \($0)" } ?? request.method.rawValue
        return await tracer.withSpan(name, context: context, ofKind: .server) { span in
            span.attributes["http.request.method"] = request.method.rawValue
            span.attributes["url.path"] = String(path)
            if let route { span.attributes["http.route"] = route }
            let answer = await body()
            let status = answer.status?.code ?? 200
            span.attributes["http.response.status_code"] = status
            if status >= 500 { span.setStatus(SpanStatus(code: .error)) }
            return answer
        }
    }
}

/// Header fields as a carrier of trace context.
private struct HTTPFieldExtractor: Extractor {
    func extract(key: String, from fields: HTTPFields) -> String? {
        HTTPField.Name(key).flatMap { fields[$0] }
    }
}
