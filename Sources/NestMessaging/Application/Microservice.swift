/// An application whose controllers answer messages: made by ``NestCore/NestFactory``, started by
/// ``Application/listen()``, or by ``Application/run()`` as a service among others.
///
/// Its life has one direction: made, started, closed. Settings (`useGlobal…`,
/// ``Application/connectMicroservice(_:options:)``) come before the start.
public final class Microservice: Application {
    /// What holds its objects, its servers and its state.
    public let host: ApplicationHost

    init(host: ApplicationHost) { self.host = host }
}
