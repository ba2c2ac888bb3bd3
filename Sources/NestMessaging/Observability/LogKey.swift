/// The keys of everything this framework logs.
package enum LogKey {
    package static let transport = "nest.transport"
    package static let pattern = "nest.pattern"
    package static let correlationID = "nest.correlation_id"
    package static let error = "nest.error"
    package static let reason = "nest.reason"
    package static let handler = "nest.handler"
    package static let peer = "nest.peer"
    package static let address = "nest.address"
    package static let attempt = "nest.attempt"
    package static let client = "nest.client"
    package static let delay = "nest.delay"
    package static let service = "nest.service"
    package static let indicator = "nest.indicator"
}
