"""The verbs: what can be done to refunds and claims, one transaction each.

Views, admin actions, tasks and commands translate and make one call. Verbs with words are functions of
messaging.operations, which call these.
"""
