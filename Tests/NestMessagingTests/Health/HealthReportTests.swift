import NestMessaging
import Testing

@Suite struct HealthReportTests {
    private func json(_ report: HealthReport) throws -> String {
        try Payload(encoding: report).description
    }

    @Test func itHasTheShapeOfNestJS() throws {
        let report = HealthReport([
            "orders": .down(["error": "gone"]), "audit": .up(["connections": "2", "address": "a"]),
            "disk": .degraded(),
        ])
        let audit = #""audit":{"status":"up","address":"a","connections":"2"}"#
        let disk = #""disk":{"status":"degraded"}"#
        let orders = #""orders":{"status":"down","error":"gone"}"#
        #expect(
            try json(report)
                == #"{"status":"error","info":{\#(audit),\#(disk)},"error":{\#(orders)},"#
                + #""details":{\#(audit),\#(disk),\#(orders)}}"#)
    }

    @Test func withoutIndicatorsItIsOk() throws {
        #expect(try json(HealthReport([:])) == #"{"status":"ok","info":{},"error":{},"details":{}}"#)
    }

    @Test func aFactCannotReplaceTheVerdict() throws {
        let report = HealthReport(["a": .up(["status": "down"])])
        #expect(try json(report).contains(#""details":{"a":{"status":"up"}}"#))
    }
}
