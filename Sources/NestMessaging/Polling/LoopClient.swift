/// A client whose connections live on a loop that runs tasks too: calls cost least for tasks that run there.
package protocol LoopClient: TransportClient {
    var loop: any ServingLoop { get }
}

extension ClientProxy {
    /// Where its connections live, when that is one thread of their own that runs tasks too (NATS); nil otherwise.
    ///
    /// A task that does little but call spares two changes of thread a call when it runs there:
    /// `Task(executorPreference: client.taskExecutor) { … }`. It shares the thread with everything that comes over these
    /// connections: what computes for long, or blocks, belongs elsewhere.
    public var taskExecutor: (any TaskExecutor)? { (transport as? any LoopClient)?.loop }
}
