#!/usr/bin/env bash
# Builds and runs a package that depends on this one and imports NestTCP alone: no broker library, no macro, no HTTP.
set -euo pipefail
unset NEST_EXAMPLES
. "$(dirname "$0")/lib.sh"
package=$work/dependent
mkdir -p "$package/Sources/App"
cat >"$package/Package.swift" <<SWIFT
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "dependent",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "swift-nest", path: "$root")],
    targets: [
        .executableTarget(name: "App", dependencies: [.product(name: "NestTCP", package: "swift-nest")])
    ]
)
SWIFT
cat >"$package/Sources/App/App.swift" <<'SWIFT'
import NestTCP

struct Greeter: Controller {
    static func make(from resolver: Resolver) -> Greeter { Greeter() }
    static var handlers: [Handler<Greeter>] { [.message("hello") { (_, name: String, _) in "Hello, \(name)!" }] }
}

enum AppModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata(controllers: [Greeter.self]) }
}

@main enum App {
    static func main() async throws {
        let app = try await NestFactory.createMicroservice(AppModule.self, transport: .tcp(port: 0))
        try await app.start()
        let client = try ClientProxy(.tcp(port: app.endpoints.first?.port ?? 0))
        let greeting: String = try await client.send("hello", "dependent")
        print(greeting)
        await client.close()
        await app.close()
        guard greeting == "Hello, dependent!" else { throw CancellationError() }
    }
}
SWIFT
cd "$package"
swift build
swift run --skip-build App
if ldd .build/debug/App | grep -E 'rdkafka|rabbitmq|hiredis|nats|nghttp2'; then fail 'NestTCP links a broker library'; fi
