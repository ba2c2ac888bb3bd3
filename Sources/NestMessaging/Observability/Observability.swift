import Instrumentation
import Metrics
import Tracing

/// Names of what is seen from outside, in one place: OpenTelemetry's for messaging are still moving.
package enum TraceName {
    package static let system = "messaging.system"
    package static let destination = "messaging.destination.name"
    package static let operation = "messaging.operation.type"
    package static let send = "send"
    package static let emit = "publish"
    package static let process = "process"
}

package enum Observability {
    /// True when the application has installed a tracer.
    package static var isTracing: Bool { !(InstrumentationSystem.instrument is NoOpInstrument) }
    /// True when the application has installed a metrics backend.
    package static var isMeasuring: Bool { !(MetricsSystem.factory is NOOPMetricsHandler) }
}

/// Message headers as a carrier of trace context.
package struct HeaderCarrier: Injector, Extractor {
    package init() {}

    package func inject(_ value: String, forKey key: String, into carrier: inout MessageHeaders) {
        carrier[key] = value
    }

    package func extract(key: String, from carrier: MessageHeaders) -> String? { carrier[key] }
}
