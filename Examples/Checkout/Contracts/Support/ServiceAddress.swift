import ArgumentParser
package import Nest

/// `HOST:PORT` or `PORT`, as a command line says where another service is.
package struct ServiceAddress: Sendable, Equatable, ExpressibleByArgument {
    package var host: String
    package var port: Int

    package init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil when it is none.
    package init?(argument text: String) {
        let colon = text.lastIndex(of: ":")
        let host = colon.map { text[..<$0] } ?? "127.0.0.1"
        let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
        guard !host.isEmpty, let port = Int(digits), (1...65_535).contains(port) else { return nil }
        self.init(host: String(host), port: port)
    }

    package var defaultValueDescription: String { "\(host):\(port)" }

    /// A client of the service there: gives up in time for its caller to answer, and is back soon after a restart.
    package func client(_ name: String, timeout: Duration = .seconds(2)) -> ClientConfig {
        var options = TCPOptions(host: host, port: port)
        options.connectTimeout = .seconds(1)
        options.maxReconnectDelay = .milliseconds(500)
        return ClientConfig.tcp(name, options).timeout(timeout)
    }
}
