import Nest
import NestTesting

protocol TimeSource: Sendable {
    var now: Int { get }
}

@Injectable struct SystemTime: TimeSource {
    let now = 42
}

@Injectable
struct Clock {
    let source: any TimeSource
    @Inject("REGION") let region: String
    let missing: Failing?
    private let alsoMissing: Optional<Failing>
    var ticks = 0
    var last: Int?
}

@Injectable(scope: .transient)
final class Cache<Value: Sendable> {
    let clock: Clock
    private let region: String

    init(_ clock: Clock, @Trimmed region: String = "none", again other: (any TimeSource)?) throws {
        self.clock = clock
        self.region = region
    }
}

/// Parameters may have wrappers.
@propertyWrapper struct Trimmed: Sendable {
    var wrappedValue: String
    init(wrappedValue: String) { self.wrappedValue = wrappedValue }
}

/// Keywords are names too.
@Injectable
actor Desk {
    let `default`: Cache<String>
    let clock: Clock
}

/// Listens on the bus of the process.
@Injectable
struct Mailer {
    private let log: Log

    @OnEvent("user.created") func welcome(_ user: User) async throws {
        log.update { $0.append("welcome \(user.name)") }
    }
    @OnEvent("user.*") private func count() { log.update { $0.append("count") } }
    @OnEvent("user.created") func number(event number: Int) { log.update { $0.append("number") } }
}

/// No `Codable`: nothing leaves the process.
struct User {
    var name: String
}

@Injectable
actor Wall {
    private let log: Log

    @OnEvent("user.created") func show(user: User) { log.update { $0.append("wall") } }
}
