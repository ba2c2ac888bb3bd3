/// A client whose connections live on a loop that runs tasks too: calls cost least for tasks that run there.
package protocol LoopClient: TransportClient {
    var loop: any ServingLoop { get }
}

extension ClientProxy {
    /// The loop its connections live on; nil: there is none of its own, or it has several.
    package var loop: (any ServingLoop)? { (transport as? any LoopClient)?.loop }
}
