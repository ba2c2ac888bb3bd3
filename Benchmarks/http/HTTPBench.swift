import ArgumentParser
import Logging

/// What `Scripts`' comparison talks to: the same small JSON handlers, written directly on Hummingbird or on this
/// framework. Prints its port when it listens.
@main
struct HTTPBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "http-bench")

    @Flag(help: "Handlers written directly on Hummingbird.")
    var direct = false

    @Flag(help: "Handlers of a controller.")
    var nest = false

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 0

    func validate() throws {
        guard direct != nest else { throw ValidationError("say --direct or --nest") }
    }

    func run() async throws {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .warning
            return handler
        }
        if direct {
            try await DirectServer.run(port: port)
        } else {
            try await NestServer.run(port: port)
        }
    }
}
