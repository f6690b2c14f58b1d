"""What Rasa asks of a graph component, written once: a plain step, and a step that learns and is kept as one file."""

import pickle
from typing import Any, Dict

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

FILE = "learnt.pickle"


class Step(GraphComponent):
    """A step without options and without anything to learn."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "Step":
        """A new one."""
        return cls()


class LearningStep(GraphComponent):
    """A step whose `learnt` comes from training; the constructor of a subclass takes it (None before training)."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LearningStep":
        """One that has not learnt yet."""
        step = cls(None)
        step._model_storage, step._resource = model_storage, resource
        return step

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LearningStep":
        """One from a trained model."""
        with model_storage.read_from(resource) as directory:
            return cls(pickle.loads((directory / FILE).read_bytes()))

    def keep(self, learnt: Any) -> Resource:
        """Write what was learnt into the model."""
        with self._model_storage.write_to(self._resource) as directory:
            (directory / FILE).write_bytes(pickle.dumps(learnt))
        return self._resource
