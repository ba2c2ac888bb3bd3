/// What a transport knows of a message, where that has headers of its own. They are read when somebody asks.
package protocol HeaderSource: AnyObject, Sendable {
    var headers: MessageHeaders { get }
}
