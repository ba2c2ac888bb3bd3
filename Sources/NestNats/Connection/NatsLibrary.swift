import CNats
import NestMessaging

/// The C library as a whole.
enum NatsLibrary {
    /// Makes it ready, once in a process. One of its threads frees what it has handed out, and is woken for that again and
    /// again.
    static func open() -> natsStatus { DedicatedThread.startingWaiters { nats_Open(-1) } }
}
