import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers those who ask how the application is doing: 200 when it is available, 503 when it is not.
struct HealthProbe: Sendable {
    var showsDetails = true
    let report: @Sendable () async -> HealthReport

    func answer() async -> HTTPAnswer {
        let report = await report()
        let body = showsDetails ? try? Payload(encoding: report) : try? Payload(encoding: ["status": report.status])
        return HTTPAnswer(
            status: report.isAvailable ? .ok : .serviceUnavailable,
            fields: [AnswerBuilder.json, HTTPField(name: .cacheControl, value: "no-store")],
            body: ResponseBody(byteBuffer: body?.buffer ?? ByteBuffer()))
    }
}
