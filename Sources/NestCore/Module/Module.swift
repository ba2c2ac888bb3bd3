/// A part of an application: what it provides, what it needs from other modules, what it lets them use.
///
/// Usually written with `@Module`. A module that is ``Injectable`` as well is made like a provider, with its own
/// dependencies and lifecycle hooks, after everything else in it.
public protocol Module: Sendable {
    /// What is in the module. Asked once for each application.
    static var metadata: ModuleMetadata { get }
}
