"""Reads `data/<language>/training/*.yml` and gives every example its language, topic and need."""

from pathlib import Path
from typing import List, Optional, Union

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data import loading
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

# The field of a training example that holds its label, "contributions.payment_plan/advice".
LABEL = "label"
LANGUAGE = "language"


class TrainingFiles(RasaFileImporter):
    """Examples stay in Rasa's own YAML under labels `topic/need`; for Rasa itself all are one intent, `question`."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[List[str], str]] = None,
    ):
        super().__init__(config_file, domain_path, training_data_paths)
        self._read: Optional[TrainingData] = None

    def get_nlu_data(self, language: Optional[str] = "nl") -> TrainingData:
        """All examples of both languages; Rasa asks three times and copies what it gets, so they are read once."""
        if self._read is None:
            self._read = self._read_files()
        return self._read

    def _read_files(self) -> TrainingData:
        messages = []
        for file in sorted(self._nlu_files):
            path = Path(file)
            for example in loading.load_data(file).training_examples:
                messages.append(
                    Message(
                        {
                            TEXT: example.get(TEXT),
                            INTENT: "question",
                            LABEL: example.get(INTENT_RESPONSE_KEY) or example.get(INTENT),
                            LANGUAGE: path.parent.parent.name,
                        }
                    )
                )
        return TrainingData(messages)
