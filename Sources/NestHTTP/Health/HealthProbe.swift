import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers those who ask how the application is doing: 200 when it is available, 503 when it is not.
struct HealthProbe: Sendable {
    let report: @Sendable () async -> HealthReport

    func answer() async -> HTTPAnswer {
        let report = await report()
        let body = try? Payload(encoding: report).buffer
        return HTTPAnswer(
            status: report.isAvailable ? .ok : .serviceUnavailable,
            fields: [AnswerBuilder.json, HTTPField(name: .cacheControl, value: "no-store")],
            body: ResponseBody(byteBuffer: body ?? ByteBuffer()))
    }
}

/// A probe to be, before the application is started.
struct HealthRoute: Sendable {
    var path: RoutePath
    /// Nil: the process answers, that is all there is to know.
    var indicators: [any HealthIndicator]?
}

extension HealthRoute {
    func probe(_ host: ApplicationHost, logger: Logger) -> HealthProbe {
        guard let indicators else { return HealthProbe { HealthReport([:]) } }
        let registry = HealthRegistry(indicators, logger: logger)
        return HealthProbe { await host.readinessReport(registry) }
    }
}
