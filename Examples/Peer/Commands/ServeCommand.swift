import ArgumentParser
import Foundation
import NestMessaging

/// `nest-peer serve URL`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves until SIGINT or SIGTERM. Prints `listening URL` when callers are served.")

    @OptionGroup var transport: PeerTransport
    @Option(help: "Messages handled at once.") var maxInFlight = 4_096
    @Flag(inversion: .prefixedNo, help: "Have an event handler that every instance runs.") var broadcast = true

    func run() async throws {
        var options = MicroserviceOptions(name: "nest-peer")
        options.queue = transport.queue
        options.group = transport.group
        options.maxInFlight = maxInFlight
        let server = try transport.server()
        let module = PeerModule.with(server.guarantees, broadcast: broadcast)
        let app = try await NestFactory.createMicroservice(
            PeerModule.self, transport: server, modules: [module], options: options)
        try await app.start()
        let places = app.endpoints.map(\.description)
        Output.line("listening \(places.isEmpty ? transport.shownURL : places.joined(separator: " "))")
        try await app.listen()
    }
}

/// Lines on standard output that a pipe's reader sees at once.
enum Output {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
