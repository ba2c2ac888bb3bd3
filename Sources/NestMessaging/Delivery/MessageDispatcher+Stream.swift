extension MessageDispatcher {
    /// Sends a handler's stream item by item as its reader grants credit, and says how it ended.
    ///
    /// Credit is taken before an item is asked for: the handler's sequence never runs ahead of its reader. When the
    /// reader gives up, or the caller's task is cancelled, the sequence is cancelled where it stands and nothing more is
    /// written. `write` is called for one response after another.
    package func send(
        _ stream: PayloadStream, for message: IncomingMessage, credit: StreamCredit,
        write: @escaping @Sendable (OutboundResponse) async -> Void
    ) async {
        let writer = Task { await self.pull(stream, for: message, credit: credit, write: write) }
        credit.whenCancelled { writer.cancel() }
        await withTaskCancellationHandler {
            await writer.value
        } onCancel: {
            credit.cancel()
        }
    }

    private func pull(
        _ stream: PayloadStream, for message: IncomingMessage, credit: StreamCredit,
        write: @Sendable (OutboundResponse) async -> Void
    ) async {
        var items = stream.makeAsyncIterator()
        do {
            while await credit.take() {
                guard let item = try await items.next() else {
                    if !credit.isCancelled { await write(.end) }
                    return
                }
                await write(.item(item))
            }
        } catch {
            guard !credit.isCancelled else { return }
            await write(.reply(.failure(streamFailure(error, for: message))))
        }
    }
}
