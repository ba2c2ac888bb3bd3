import HummingbirdCore
import InMemoryTracing
import Instrumentation
import MetricsTestKit
import NIOCore
import Testing
import Tracing

@testable import NestHTTP

@Suite("Observability") struct ObservabilityTests {
    @Test("a request's span belongs to its caller's trace, and is named by the route")
    func tracing() async throws {
        let tracer = InMemoryTracer()
        let tracing = HTTPTracing(tracer: tracer, instrument: tracer)
        let request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/orders/7?x=1")
        let answer = await tracing.traced(request, path: "/orders/7", route: "/orders/:id") {
            HTTPAnswer(status: .init(code: 503), body: .init())
        }
        #expect(answer.status?.code == 503)
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.operationName == "GET /orders/:id" && span.kind == .server)
        #expect(span.attributes.get("http.route") == .string("/orders/:id"))
        #expect(span.attributes.get("http.response.status_code") == .int64(503))
        #expect(span.status?.code == .error)
    }

    @Test("requests are counted by method, route and class of status")
    func metrics() throws {
        let factory = TestMetrics()
        let metrics = HTTPRouteMetrics(method: "GET", route: "/orders/:id", factory: factory)
        metrics.begin()
        metrics.end(status: 404, since: .now())
        let labels = [("method", "GET"), ("route", "/orders/:id"), ("status", "4xx")]
        #expect(try factory.expectCounter("nest_http_requests_total", labels).values == [1])
    }
}
