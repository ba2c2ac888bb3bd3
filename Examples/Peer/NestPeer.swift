import ArgumentParser

/// What interoperability tests and benchmarks of every transport talk to, and talk with.
@main struct NestPeer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nest-peer", abstract: "A service with a handler of every kind, its checks, and a load generator.",
        subcommands: [ServeCommand.self, CheckCommand.self, BenchCommand.self])
}
