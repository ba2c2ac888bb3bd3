import CheckoutContracts
import Foundation
import Nest
import ServiceLifecycle

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Posts the webhooks, one after the other, until each was taken.
///
/// With Foundation's client, which comes with Swift: a few posts a second need no HTTP library of their own.
@Injectable
final class WebhookSender: Service {
    private static let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(5), .seconds(30)]

    private let queue: WebhookQueue
    private let logger = Logger(label: "checkout.webhooks")
    private let session = URLSession(configuration: .ephemeral)

    init(queue: WebhookQueue) { self.queue = queue }

    func run() async {
        guard let url = queue.url else { return }
        for await _ in queue.bell.rings.cancelOnGracefulShutdown() { await sendAll(to: url) }
        session.invalidateAndCancel()
    }

    /// Comes back when all are sent, or when the service ends.
    private func sendAll(to url: URL) async {
        var failures = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                return try await sendOnce(to: url)
            } catch {
                if failures == 0 { logger.warning("cannot send yet, trying again", metadata: ["error": "\(error)"]) }
                let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
                failures += 1
            }
        }
    }

    /// One that is not taken stops nobody; the first failure is thrown at the end.
    private func sendOnce(to url: URL) async throws {
        var failure: (any Error)?
        for webhook in try queue.all() where !Task.isShuttingDownGracefully {
            do {
                try await post(webhook, to: url)
                try queue.finish(webhook)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func post(_ webhook: WebhookQueue.Webhook, to url: URL) async throws {
        var request = URLRequest(url: url, timeoutInterval: 5)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(webhook.id, forHTTPHeaderField: "Webhook-Id")
        request.httpBody = webhook.body
        let (_, response) = try await session.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else { throw WebhookRefused(status: status) }
    }
}

/// The receiver did not take it.
struct WebhookRefused: Error {
    var status: Int
}
