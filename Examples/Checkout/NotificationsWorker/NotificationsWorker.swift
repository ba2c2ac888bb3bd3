import ArgumentParser
import CheckoutContracts
import CheckoutTransports
import Foundation
import Nest

/// `notifications-worker`: a mail, as a file, and a webhook for every order.
@main struct NotificationsWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "notifications-worker")

    @Option(help: "Where to listen; 0 takes a free port.") var port = 4003
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @OptionGroup var transports: CheckoutTransports
    @Option(help: "The folder of mails and of webhooks to be sent.") var data = "data/notifications"
    @Option(help: "Where webhooks are posted to; without it there are none.", transform: URL.init(webhook:))
    var webhook: URL?

    func run() async throws {
        let settings = NotificationsSettings(data: URL(fileURLWithPath: data), webhook: webhook)
        let app = try await NestFactory.createMicroservice(
            NotificationsModule.self, transport: transports.notifications.server(host: host, port: port),
            modules: [SettingsModule.with(settings)], options: MicroserviceOptions(name: "notifications-worker"))
        try await app.listen()
    }
}

extension URL {
    fileprivate init(webhook text: String) throws {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host != nil else {
            throw ValidationError("a webhook is an http or https URL")
        }
        self = url
    }
}
