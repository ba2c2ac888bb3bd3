extension MessageDispatcher {
    /// Sends a handler's stream item by item as its reader grants credit, and says how it ended.
    ///
    /// When the reader gives up, or the caller's task is cancelled, the sequence is cancelled where it stands and nothing
    /// more is written. `write` is called for one response after another.
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

    /// The same in the caller's own task: whoever cancels `credit` cancels the task too.
    ///
    /// An item is asked for before there is credit for it, and waits for that: so the handler's sequence runs ahead of
    /// its reader by one item, and the end is told without asking for credit that a reader of all items has no reason
    /// to grant.
    package func pull(
        _ stream: PayloadStream, for message: IncomingMessage, credit: StreamCredit,
        write: (OutboundResponse) async -> Void
    ) async {
        streamBegins()
        streamEnds(await pull(stream, message, credit, write), for: message)
    }

    private func pull(
        _ stream: PayloadStream, _ message: IncomingMessage, _ credit: StreamCredit,
        _ write: (OutboundResponse) async -> Void
    ) async -> RouteMetrics.StreamEnd {
        var items = stream.makeAsyncIterator()
        do {
            while let item = try await items.next() {
                guard await credit.take() else { return .cancelled }
                await write(.item(item))
            }
            guard !credit.isCancelled else { return .cancelled }
            await write(.end)
            return .succeeded
        } catch {
            guard !credit.isCancelled else { return .cancelled }
            await write(.reply(.failure(streamFailure(error, for: message))))
            return .failed
        }
    }
}
