import NestRedis
import NestTesting

/// What the test service's handlers saw, and what they wait for.
final class ServiceProbe: Sendable {
    let name: String
    let log: Watched<[String]>
    let gate: Gate

    init(_ name: String = "a", log: Watched<[String]> = Watched([]), gate: Gate = Gate()) {
        self.name = name
        self.log = log
        self.gate = gate
    }
}

struct ServiceController: Controller {
    let probe: ServiceProbe

    struct Failed: Error {}

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> ServiceController {
        ServiceController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<ServiceController>] { requests + events }

    private static var requests: [Handler<ServiceController>] {
        [
            .message("test.echo") { (_, payload: Payload, _) in payload },
            .message("test.later") { (_, payload: Payload, _) async in
                await Task.yield()
                return payload
            },
            .message("test.who") { (service, _: NoPayload, _) in service.probe.name },
            .message("test.hold") { (service, _: NoPayload, _) async throws in
                service.probe.log.append("holds")
                try await service.probe.gate.pass()
                return service.probe.name
            },
            .message("test.headers") { (_, _: NoPayload, context) in
                Dictionary(context.headers.map { ($0.name, $0.value) }) { $1 }
            },
            .message("test.count") { (_, count: Int, _) in AsyncStream(upTo: count) },
            .message("test.fail") { (_, _: NoPayload, _) throws -> Bool in
                throw TransportError("not_found", "not found", details: ["code": 404])
            },
        ]
    }

    private static var events: [Handler<ServiceController>] {
        [
            .event("test.noted") { (service, text: String, context) in
                service.probe.log.append("\(service.probe.name) \(text)")
            },
            .event("test.held") { (service, text: String, context) async throws in
                service.probe.log.append("began \(text) \(context.attempt)")
                try await service.probe.gate.pass()
                service.probe.log.append("ended \(text)")
            },
            .event("test.step") { (service, text: String, context) async throws in
                await Task.yield()
                service.probe.log.append("\(text) \(context.attempt)")
                if text.hasSuffix("!"), context.attempt < 3 { throw Failed() }
            },
            .event("test.broken") { (service, text: String, context) throws in
                service.probe.log.append("\(text) \(context.attempt)")
                throw Failed()
            },
        ]
    }
}

extension AsyncStream<Int> {
    fileprivate init(upTo count: Int) {
        self.init { continuation in
            for number in 1...Swift.max(1, count) { continuation.yield(number) }
            continuation.finish()
        }
    }
}

/// Listens to everything of a prefix, as an audit service does.
struct AuditController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> AuditController {
        AuditController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<AuditController>] {
        [
            .event(">") { (audit, payload: Payload, context) in
                audit.probe.log.append("\(context.pattern) \(payload)")
            }
        ]
    }
}
